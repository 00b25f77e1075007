"""One occurrence of a cadence: prompts, responses, replies."""
