import BigIntegers
import CryptoCore
import SecretSharing

let prime = (BigInteger(1) << 255) - BigInteger(19)

/// A number as 32 bytes, least significant first.
func secret(_ number: BigInteger) -> SecretBytes {
  let bytes = Array(number.magnitudeBytes.reversed())
  return SecretBytes(copying: bytes + [UInt8](repeating: 0, count: 32 - bytes.count))
}

func number(_ bytes: SecretBytes) -> BigInteger { BigInteger(bytes: bytes.revealed().reversed()) }

func modulo(_ number: BigInteger) -> BigInteger {
  number.euclideanQuotientAndRemainder(dividingBy: prime).remainder
}

/// A source that gives chosen numbers, 32 bytes each, then zeros.
struct ChosenSecrets: SecretSource {
  var bytes: [UInt8]

  init(_ numbers: [BigInteger]) { bytes = numbers.flatMap { secret($0).revealed() } }

  mutating func fill(_ memory: UnsafeMutableRawBufferPointer) throws(SystemRandomness.Failure) {
    for index in memory.indices { memory[index] = index < bytes.count ? bytes[index] : 0 }
    bytes.removeFirst(min(memory.count, bytes.count))
  }
}

/// All subsets of 0..<count, as increasing lists.
func subsets(of count: Int) -> [[Int]] {
  (0..<1 << count).map { mask in (0..<count).filter { mask >> $0 & 1 == 1 } }
}
