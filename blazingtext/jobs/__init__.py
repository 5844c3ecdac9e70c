"""Jobs of an account: started, followed, described, recorded, stopped, found again."""
