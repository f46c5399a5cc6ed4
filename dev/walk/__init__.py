"""The main job as a person does it in the browser: connect, import, sell, see it sent."""
