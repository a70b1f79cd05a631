// AttacksTests
