// Rampart
