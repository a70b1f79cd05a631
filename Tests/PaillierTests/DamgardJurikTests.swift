import BigIntegers
import CryptoCore
import Paillier
import Randomness
import TestSupport
import Testing

@Suite("Damgard-Jurik")
struct DamgardJurikTests {
  @Test("messages of s times the length come back, sums are modulo n^s", arguments: 1...3)
  func laws(s: Int) throws {
    let keys = try smallKeys.get()
    let scheme = try DamgardJurik(keys.publicKey, s: s)
    let decryptor = try DamgardJurik.PrivateKey(keys.privateKey, s: s)
    let modulus = keys.publicKey.n.power(s)
    #expect(scheme.messageModulus == modulus)
    var random = testGenerator(UInt64(s))
    let n = keys.publicKey.n
    var values: [BigInteger] = [0, 1, 2, 3, n - 1, n % modulus, modulus - 1, modulus / 2]
    values += (0..<3).map { _ in BigInteger.random(below: modulus, using: &random) }
    let ciphertexts = try values.map { try scheme.encrypt($0) }
    for (value, ciphertext) in zip(values, ciphertexts) {
      #expect(try decryptor.decrypt(ciphertext) == value)
      for (other, second) in zip(values, ciphertexts) {
        let sum = try scheme.sum(ciphertext, second)
        #expect(try decryptor.decrypt(sum) == (value + other) % modulus)
      }
    }
    let raw = try scheme.sum(ciphertexts[1], ciphertexts[2])
    let hidden = try scheme.rerandomise(raw)
    #expect(hidden.number != raw.secretNumber.value)
    #expect(try decryptor.decrypt(hidden) == 3)
    #expect(throws: PaillierError.residueOutOfRange) { try scheme.encrypt(modulus) }
    #expect(throws: PaillierError.residueOutOfRange) { try scheme.encrypt(-1) }
  }

  @Test("the definition: (1 + n)^m times an n^s-th power", arguments: 1...3)
  func definition(s: Int) throws {
    let key = try PaillierPrivateKey(p: 293, q: 433, allowsInsecureSize: true)
    let n = key.publicKey.n
    let scheme = try DamgardJurik(key.publicKey, s: s)
    let decryptor = try DamgardJurik.PrivateKey(key, s: s)
    let modulus = n.power(s + 1)
    var random = testGenerator(UInt64(s))
    for _ in 0..<50 {
      let m = BigInteger.random(below: n.power(s), using: &random)
      let r = BigInteger.random(below: n, using: &random)
      guard BigInteger.gcd(r, n) == 1 else { continue }
      let c =
        (n + 1).power(m, modulo: modulus) * r.power(n.power(s), modulo: modulus) % modulus
      #expect(try decryptor.decrypt(scheme.ciphertext(received: c)) == m)
      // A random factor has an order that divides phi(n): raised to it, the ciphertext keeps the
      // message.
      let phi: BigInteger = 292 * 432
      let encrypted = try scheme.encrypt(m).number
      #expect(
        encrypted.power(phi, modulo: modulus) == (n + 1).power(m * phi, modulo: modulus))
    }
  }

  @Test("one is Paillier")
  func paillier() throws {
    let keys = try smallKeys.get()
    let scheme = try DamgardJurik(keys.publicKey, s: 1)
    let c = try scheme.encrypt(12_345)
    let same = try Ciphertext(received: c.number, key: keys.publicKey)
    #expect(try keys.privateKey.decrypt(residueOf: same) == 12_345)
  }

  @Test("other lengths, keys and numbers are refused")
  func refused() throws {
    let keys = try smallKeys.get()
    for s in [-1, 0, 4] {
      #expect(throws: PaillierError.unusableSize(bits: s * 512)) {
        try DamgardJurik(keys.publicKey, s: s)
      }
    }
    let scheme = try DamgardJurik(keys.publicKey, s: 2)
    let c = try scheme.encrypt(5)
    #expect(throws: PaillierError.foreignKey) {
      try DamgardJurik.PrivateKey(keys.privateKey, s: 3).decrypt(c)
    }
    #expect(throws: PaillierError.foreignKey) {
      try DamgardJurik.PrivateKey(otherKeys.get().privateKey, s: 2).decrypt(c)
    }
    for number in [0, keys.publicKey.n, scheme.ciphertextModulus] {
      #expect(throws: PaillierError.invalidCiphertext) {
        try scheme.ciphertext(received: number)
      }
    }
  }
}
