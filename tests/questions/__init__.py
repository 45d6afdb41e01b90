"""What people ask about their runs, with logs made from what they told, and the answers they should get."""
