"""The trainee's verbs and their client. Copied alone into the toolbox: standard library and click only."""
