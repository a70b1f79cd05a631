// CryptoCoreTests
