// AlgorithmsTests
