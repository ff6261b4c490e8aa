"""What the analyst wrote: Model and Draws. This room knows no trees."""
