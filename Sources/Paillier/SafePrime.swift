package import BigIntegers
package import CryptoCore

/// Primes p = 2 p' + 1 with p' prime: the squares modulo p have no subgroup but the trivial ones.
///
/// Candidates are drawn one after the other, so that every safe prime of the size is as likely as
/// any other. One in bits^2 / 11 or so is one: 100,000 draws for 1024 bits, all but a few in 100
/// of which are refused by remainders of small primes, for p and for p' at once.
package enum SafePrime {
  /// A safe prime of exactly `bits` bits, its two highest ones set.
  package static func random(
    bits: Int, using source: inout some SecretSource
  ) throws(PaillierError) -> SecretInteger {
    while true {
      let candidate = try SecretInteger.primeCandidate(bits: bits, using: &source)
      if mayBeSafe(candidate), isSafe(candidate) { return candidate }
    }
  }

  /// Whether a number and half of it are primes; `half` first, whose test is rarely the second.
  package static func isSafe(_ candidate: SecretInteger) -> Bool {
    let half = candidate.halved
    return half.bitWidth > 1 && half.isPrime && candidate.isPrime
  }

  /// False if a small prime divides an odd number or half of it. True for small numbers.
  private static func mayBeSafe(_ candidate: SecretInteger) -> Bool {
    if candidate.bitWidth <= 20 { return true }
    for (product, primes) in chunks {
      let remainder = candidate.withWords { words in
        words.reversed().reduce(UInt64(0)) { product.dividingFullWidth(($0, $1)).remainder }
      }
      for prime in primes where remainder % prime <= 1 { return false }
    }
    return true
  }

  /// The odd primes below 2^16, gathered into products of 64 bits: a division serves several.
  private static let chunks: [(product: UInt64, primes: [UInt64])] = {
    var isComposite = [Bool](repeating: false, count: 1 << 16)
    var chunks: [(product: UInt64, primes: [UInt64])] = []
    var product: UInt64 = 1
    var primes: [UInt64] = []
    for number in stride(from: 3, to: 1 << 16, by: 2) where !isComposite[number] {
      for multiple in stride(from: number * number, to: 1 << 16, by: number) {
        isComposite[multiple] = true
      }
      let (next, overflows) = product.multipliedReportingOverflow(by: UInt64(number))
      if overflows {
        chunks.append((product, primes))
        (product, primes) = (UInt64(number), [UInt64(number)])
      } else {
        product = next
        primes.append(UInt64(number))
      }
    }
    chunks.append((product, primes))
    return chunks
  }()
}

extension SecretInteger {
  /// Half, rounded down.
  var halved: SecretInteger {
    SecretInteger(wordCount: wordCount) { result in
      withWords { words in
        for index in words.indices {
          let above = index + 1 < words.count ? words[index + 1] << 63 : 0
          result[index] = words[index] >> 1 | above
        }
      }
    }
  }
}
