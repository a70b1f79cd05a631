// RampartCommandTests
