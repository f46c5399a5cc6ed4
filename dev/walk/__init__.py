"""The main job as a person does it in the browser: from nothing to the first sale, and a day."""
