"""What the person at the command line says and sees: flags, requests, progress, interrupts."""
