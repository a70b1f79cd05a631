// RandomnessTests
