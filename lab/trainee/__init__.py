"""The trainee's verbs, and the client they speak through. Copied alone into the toolbox: stdlib and click only."""
