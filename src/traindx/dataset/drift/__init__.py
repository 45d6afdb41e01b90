"""Whether two sets of rows come from one distribution, with a null that knows how many rows there are."""
