"""How the library of forecasts is made: small trainings under many schedules, and what a forecast of them misses by."""
