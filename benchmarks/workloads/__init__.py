"""What the contestants do; each module runs in the environment of what it measures."""
