import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Vector")
struct VectorTests {
  static let counts = [0, 1, 7, 31, 32, 33, 64, 100, 1000]

  func pair(_ count: Int) -> (Vector, Vector) {
    var generator = testGenerator(UInt64(count))
    return (Vector(generator.normals(count)), Vector(generator.normals(count)))
  }

  @Test("sums agree with a plain loop in Double", arguments: counts)
  func sums(count: Int) {
    let (a, b) = pair(count)
    var dot = 0.0
    var distance = 0.0
    for (x, y) in zip(a.array, b.array) {
      dot += Double(x) * Double(y)
      distance += (Double(x) - Double(y)) * (Double(x) - Double(y))
    }
    #expect(abs(a.dot(b) - dot) <= 1e-12 * Double(count + 1))
    #expect(abs(a.squaredDistance(to: b) - distance) <= 1e-12 * distance)
    #expect(a.squaredNorm == a.dot(a))
    #expect(a.norm * a.norm <= a.squaredNorm * (1 + 1e-15))
  }

  @Test("arithmetic agrees with a plain loop in Float", arguments: counts)
  func arithmetic(count: Int) {
    let (a, b) = pair(count)
    let (x, y) = (a.array, b.array)
    #expect((a + b).array == zip(x, y).map { $0 + $1 })
    #expect((a - b).array == zip(x, y).map { $0 - $1 })
    #expect((-0.3 * a).array == x.map { -0.3 * $0 })
    #expect((-a).array == x.map { -$0 })
    #expect(a.map { $0 > 0 ? 1 : -1 }.array == x.map { $0 > 0 ? 1 : -1 })
    var c = a
    c.add(b, scale: 2)
    #expect(c.array == zip(x, y).map { $0 + 2 * $1 })
    #expect(a.array == x && b.array == y)
  }

  @Test("a copy keeps its entries when the original changes, through every mutator")
  func copyOnWrite() {
    let original = Vector([1, 2, 3])
    let mutators: [(inout Vector) -> Void] = [
      { $0[1] = 9 }, { $0.scale(by: 2) }, { $0.add(Vector([1, 1, 1])) },
      { $0.withUnsafeMutableBufferPointer { $0[0] = 7 } },
      { $0.withMutableSpan { $0[2] = 7 } },
    ]
    for mutate in mutators {
      var copy = original
      mutate(&copy)
      #expect(original.array == [1, 2, 3])
      #expect(copy != original)
    }
  }

  @Test("adding a vector to itself doubles it")
  func aliasing() {
    var a = Vector([1, 2, 3])
    a.add(a, scale: 1)
    #expect(a.array == [2, 4, 6])
  }

  @Test("finds a NaN or an infinity wherever it is", arguments: [0, 5, 4095, 4096, 9999])
  func finiteness(place: Int) {
    var a = Vector(zeros: 10_000)
    #expect(a.isFinite)
    for bad in [Float.nan, .infinity, -.infinity, .signalingNaN] {
      a[place] = bad
      #expect(!a.isFinite)
    }
    a[place] = .greatestFiniteMagnitude
    #expect(a.isFinite)
  }

  @Test("equality is that of numbers")
  func equality() {
    #expect(Vector([0, 1]) == Vector([-0.0, 1]))
    #expect(Vector([.nan]) != Vector([.nan]))
    #expect(Vector([1]) != Vector([1, 1]))
    var a = Vector(zeros: 10_000)
    #expect(a == Vector(zeros: 10_000))
    a[9_999] = 1
    #expect(a != Vector(zeros: 10_000))
  }

  @Test("memory starts on a 64-byte boundary")
  func alignment() {
    for count in Self.counts {
      Vector(zeros: count).withUnsafeBufferPointer {
        #expect(Int(bitPattern: $0.baseAddress) % 64 == 0)
      }
    }
  }
}
