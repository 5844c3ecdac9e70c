"""What happens to the text: blog files → posts → sentences → corpus lines, and on to one file."""
