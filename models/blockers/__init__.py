"""Something in the way, with the side and person who must act."""
