internal import NoiseSamplers
public import Randomness

/// Where a private training's random bits come from.
public enum TrainingRandomness: Sendable {
  /// A stream of an experiment: the same run again. No guarantee against who knows the seed.
  case seeded(Generator)
  /// The operating system's: for a model that leaves the house.
  case operatingSystem

  /// The words for it in results.
  public var name: String {
    switch self {
    case .seeded: "seeded"
    case .operatingSystem: "operating-system"
    }
  }

  /// Fresh bits for one use in one step; different uses and steps never share any.
  func reader(_ purpose: Purpose, _ index: Int) -> RandomReader {
    switch self {
    case .seeded(let generator):
      RandomReader(SeededBits(generator.fork(purpose, UInt64(index))))
    case .operatingSystem: RandomReader(SystemBits())
    }
  }

  /// A stream for what privacy does not depend on: dropout masks, augmentation.
  func generator(_ purpose: Purpose, _ index: Int) throws(NoiseError) -> Generator {
    switch self {
    case .seeded(let generator): return generator.fork(purpose, UInt64(index))
    case .operatingSystem:
      var reader = RandomReader(SystemBits(), block: 1)
      return Generator(seed: try reader.next())
    }
  }

  /// A uniformly random order of `0..<count`.
  func permutation(_ purpose: Purpose, _ index: Int, count: Int) throws(NoiseError) -> [Int] {
    var reader = reader(purpose, index)
    var order = Array(0..<count)
    for place in 0..<count {
      let other = place + Int(try reader.uniform(below: UInt64(count - place)))
      order.swapAt(place, other)
    }
    return order
  }
}
