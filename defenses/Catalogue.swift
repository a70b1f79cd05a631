// Defenses
