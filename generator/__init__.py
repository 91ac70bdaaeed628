"""The pipeline that turns openapi/files-v3.yaml into generated_client/: run it as `python -m generator`."""
