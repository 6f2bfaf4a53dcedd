// carte
