"""A believable shop for looking around: what it sells, and the same again at every start."""
