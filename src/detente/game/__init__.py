"""What the mathematics sees: Tree and Game."""
