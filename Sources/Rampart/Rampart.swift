// The library: everything below the experiments, behind one `import Rampart`.
@_exported public import Accounting
@_exported public import Algorithms
@_exported public import Attacks
@_exported public import BigIntegers
@_exported public import Components
@_exported public import CryptoCore
@_exported public import Datasets
@_exported public import Defenses
@_exported public import Federation
@_exported public import Learning
@_exported public import NoiseSamplers
@_exported public import Paillier
@_exported public import Pairings
@_exported public import Randomness
@_exported public import SecretSharing
@_exported public import SecureAggregation
@_exported public import Tensors
