"""What a picture costs: our workers beside sharp, on real photographs."""
