/// A number that must stay secret, of a fixed number of 64-bit words.
///
/// Width is public, value is not: arithmetic takes a time that depends on widths alone, nothing is
/// printed, and memory is zeroed when the last reference goes. Results are as wide as said, never
/// cut to what their value would need.
///
///     let p = SecretInteger(prime, wordCount: 16)
///     let remainder = SecretInteger(number, wordCount: 32).remainder(dividingBy: p)   // 16 words
///
/// `@unchecked Sendable`: words are written in initializers only.
package final class SecretInteger: @unchecked Sendable {
  package typealias Words = UnsafeMutableBufferPointer<UInt64>

  private let words: Words

  /// How many words there are, at least 1.
  package var wordCount: Int { words.count }

  /// `wordCount` words, least significant first, zero until `body` has written them.
  package init<Failure: Error>(
    wordCount: Int, initializingWith body: (Words) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(wordCount >= 1, "a number has words")
    words = .allocate(capacity: wordCount)
    words.initialize(repeating: 0)
    try body(words)
  }

  /// A number that is elsewhere too, with zeros above it.
  ///
  /// - Precondition: It is not negative and fits.
  package convenience init(_ value: BigInteger, wordCount: Int) {
    let source = value.magnitudeWords
    precondition(
      value.signum() >= 0 && source.count <= wordCount, "a number of \(wordCount) words")
    self.init(wordCount: wordCount) { words in
      for (index, word) in source.enumerated() { words[index] = word }
    }
  }

  deinit {
    Montgomery.clear(words)
    words.deallocate()
  }

  /// The words while this lives.
  var address: UnsafePointer<UInt64>? { UnsafePointer(words.baseAddress) }

  /// The words while this lives: what is copied elsewhere is no longer protected.
  package func withWords<Result>(_ body: (UnsafeBufferPointer<UInt64>) -> Result) -> Result {
    body(UnsafeBufferPointer(words))
  }

  /// The number as one that is neither hidden nor zeroed: for what the owner is about to see.
  package func revealed() -> BigInteger { BigInteger(words: Array(words)) }

  /// The same number without words of leading zeros; tells how many there are.
  package var trimmed: SecretInteger {
    resized(to: 1 + (words.lastIndex { $0 != 0 } ?? 0))
  }

  /// How many bits the number has; tells that. For a number whose size is public.
  package var bitWidth: Int {
    let last = words.lastIndex { $0 != 0 } ?? 0
    return 64 * (last + 1) - words[last].leadingZeroBitCount
  }

  /// The lowest word, of a number whose lowest bits are public.
  package var lowWord: UInt64 { words[0] }

  /// The same number with zeros above, or without words that the caller knows are zero.
  package func resized(to wordCount: Int) -> SecretInteger {
    if wordCount == self.wordCount { return self }
    return SecretInteger(wordCount: wordCount) { result in
      for index in 0..<min(wordCount, words.count) { result[index] = words[index] }
    }
  }
}

extension SecretInteger: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The width, nothing else.
  package var description: String { "a secret number of \(wordCount) words" }

  /// The width, nothing else.
  package var debugDescription: String { description }

  /// Shows the width, nothing else.
  package var customMirror: Mirror { Mirror(self, children: ["wordCount": wordCount]) }
}
