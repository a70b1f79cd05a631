// ComponentsTests
