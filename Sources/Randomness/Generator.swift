internal import CKernels

/// A random stream that is an argument: reproducible, cheap to copy, and closed to its holder.
///
/// The stream is Philox4x32-10 read at counters 0, 1, 2, ... under a hidden key. A copy continues
/// independently from the same place and yields the same numbers. Children come from `fork(_:_:)`.
///
/// The key is in no accessor, description or reflection, so code that is handed a child stream
/// cannot rebuild its parent or a sibling. That guards against mistakes and cheating components,
/// not against cryptanalysis: masks and keys of protocols must come from a cipher instead.
///
/// ```swift
/// let root = Generator(seed: 1)
/// var client = root.fork("training", 3, 17)   // round 3, client 17
/// let order = client.permutation(600)
/// ```
public struct Generator: RandomNumberGenerator, Sendable {
  /// The Philox key.
  private let key: UInt64
  /// The upper half of every counter: with the key, 128 bits tell streams apart.
  private let stream: UInt64
  /// The lower half of the next counter.
  private var position: UInt64 = 0
  /// The second half of the last block, when it has not been handed out yet.
  private var spareWord: UInt64?
  /// The second normal of the last pair, when it has not been handed out yet.
  var spareNormal: Double?

  /// The root stream of `seed`.
  public init(seed: UInt64) {
    // Words of the fractional part of pi: a counter that means nothing.
    (key, stream) = Philox4x32.block(
      low: 0x85A3_08D3_243F_6A88, high: 0x0370_7344_1319_8A2E, key: seed)
  }

  private init(key: UInt64, stream: UInt64) {
    self.key = key
    self.stream = stream
  }

  /// A child stream, a function of this stream's key, `purpose` and `indices` only.
  ///
  /// How far this stream has been read does not matter, and it is not advanced. Each of the words
  /// (purpose, number of indices, indices...) is absorbed by one keyed Philox block whose output is
  /// the next identity; the words form a prefix-free code, so no child coincides by construction
  /// with a sibling or with a descendant of one. Children collide by chance with probability
  /// 2^-128 a pair.
  ///
  /// - Complexity: O(1 + number of indices).
  public func fork(_ purpose: Purpose, _ indices: UInt64...) -> Generator {
    fork(purpose, indices: indices)
  }

  /// The same child stream as the form with several indices with one index, without an array: for
  /// loops that must not allocate.
  public func fork(_ purpose: Purpose, _ index: UInt64) -> Generator {
    absorbing(purpose.digest).absorbing(1).absorbing(index)
  }

  /// The same child stream as `fork(_:_:)` with the indices in an array.
  public func fork(_ purpose: Purpose, indices: [UInt64]) -> Generator {
    var child = absorbing(purpose.digest).absorbing(UInt64(indices.count))
    for index in indices {
      child = child.absorbing(index)
    }
    return child
  }

  /// One step of the chain: the constant keeps these blocks apart from the blocks that are handed
  /// out as random numbers.
  private func absorbing(_ word: UInt64) -> Generator {
    let (key, stream) = Philox4x32.block(
      low: word, high: stream, key: key ^ 0xA409_3822_299F_31D0)
    return Generator(key: key, stream: stream)
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    if let word = spareWord {
      spareWord = nil
      return word
    }
    let (first, second) = Philox4x32.block(low: position, high: stream, key: key)
    position &+= 1
    spareWord = second
    return first
  }

  /// Fills `out` with the words that as many calls of ``next()`` would return, a few times faster.
  public mutating func fillWords(_ out: UnsafeMutableBufferPointer<UInt64>) {
    guard var to = out.baseAddress, !out.isEmpty else { return }
    var left = out.count
    if spareWord != nil {
      to.pointee = next()
      to += 1
      left -= 1
    }
    noise_philox(position, stream, key, to, left / 2)
    position &+= UInt64(left / 2)
    if left % 2 == 1 { to[left - 1] = next() }
  }
}

extension Generator: CustomReflectable, CustomStringConvertible, CustomDebugStringConvertible {
  /// A mirror without children.
  public var customMirror: Mirror {
    Mirror(self, children: [:], displayStyle: .struct)
  }

  /// The type's name and nothing else.
  public var description: String { "Generator" }

  /// The type's name and nothing else.
  public var debugDescription: String { "Generator" }
}
