// FileFormatsTests
