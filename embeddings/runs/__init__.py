"""What a training run leaves: its record and folder, tables of many, copies elsewhere."""
