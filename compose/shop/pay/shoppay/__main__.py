"""Run the provider until it is told to stop."""

import os

import uvicorn

from shoppay.app import build

if __name__ == "__main__":
    uvicorn.run(
        build(os.environ),
        host="0.0.0.0",  # noqa: S104 - reached from the lab's own network only
        port=8081,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=2,
        timeout_keep_alive=75,
    )
