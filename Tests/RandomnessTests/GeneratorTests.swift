import Randomness
import TestSupport
import Testing

@Suite("Generator")
struct GeneratorTests {
  // From a second implementation, in Python, of the documented construction.
  static let frozenRoot: [UInt64] = [
    0x66F5_E589_EA02_077F, 0x4C4F_2BD4_A379_DFA9, 0x994E_B8A3_32ED_97E4,
  ]
  static let frozenChild: [UInt64] = [
    0x8329_BC03_EBDC_C34D, 0x1AD1_A774_E6DC_32A0, 0x3011_03DB_CDEF_8645,
  ]

  func words(_ generator: Generator, _ count: Int) -> [UInt64] {
    var generator = generator
    return (0..<count).map { _ in generator.next() }
  }

  @Test("repeats itself for one seed and differs for another; a copy continues alike")
  func reproducible() {
    #expect(words(Generator(seed: 1), 50) == words(Generator(seed: 1), 50))
    #expect(words(Generator(seed: 1), 50) != words(Generator(seed: 2), 50))
    var original = Generator(seed: 3)
    _ = original.next()
    let copy = original
    #expect(words(copy, 9) == words(original, 9))
  }

  @Test("fills memory with the words that come one by one, from any place on")
  func fills() {
    for (start, count) in (0...3).flatMap({ start in (0...40).map { (start, $0) } }) {
      var bulk = Generator(seed: 9).fork("bulk", UInt64(start))
      for _ in 0..<start { _ = bulk.next() }
      let single = words(bulk, count + 3)
      var filled = [UInt64](repeating: 0, count: count)
      filled.withUnsafeMutableBufferPointer { bulk.fillWords($0) }
      #expect(filled + words(bulk, 3) == single)
    }
  }

  @Test("keeps its first words for ever: published numbers depend on them")
  func frozen() {
    #expect(words(Generator(seed: 0), 3) == Self.frozenRoot)
    #expect(words(Generator(seed: 0).fork("training", 1, 2), 3) == Self.frozenChild)
    #expect(Purpose("a").digest == 0xAF63_DC4C_8601_EC8C)
  }

  @Test("one index forks as an array of it does")
  func forkOfOneIndex() {
    let root = Generator(seed: 5)
    for index in [0, 1, 7, UInt64.max] {
      #expect(words(root.fork("a", index), 8) == words(root.fork("a", indices: [index]), 8))
    }
  }

  @Test("forks alike however far the parent has been read, and does not advance it")
  func forkIgnoresPosition() {
    let fresh = Generator(seed: 5)
    var read = fresh
    for _ in 0..<7 { _ = read.next() }
    _ = read.normal()
    let before = words(read, 5)
    #expect(words(read.fork("noise", 4), 20) == words(fresh.fork("noise", 4), 20))
    #expect(words(read, 5) == before)
  }

  @Test("parent, siblings, cousins and grandchildren share no word")
  func disjoint() {
    let root = Generator(seed: 9)
    var streams = [root, root.fork("a"), root.fork("b"), root.fork("a", 0), root.fork("a", 0, 0)]
    streams += (1..<40).map { root.fork("a", $0) }
    streams += (0..<40).map { root.fork("a").fork("a", $0) }
    streams += (0..<20).map { root.fork("a", 1, $0) }
    streams += (2..<20).map { root.fork("a", $0, 1) }
    var seen: Set<UInt64> = []
    for stream in streams { seen.formUnion(words(stream, 100)) }
    // 64-bit words: the chance of any collision by accident is below 1e-11.
    #expect(seen.count == 100 * streams.count)
  }

  @Test("shows nothing of its key in mirrors, dumps and descriptions")
  func hidden() {
    var read = Generator(seed: 2).fork("x")
    _ = read.next()
    for generator in [Generator(seed: 0), Generator(seed: 1), read] {
      var dumped = ""
      dump(generator, to: &dumped)
      #expect(Mirror(reflecting: generator).children.isEmpty)
      #expect(String(describing: generator) == "Generator")
      #expect(String(reflecting: generator) == "Generator")
      #expect("\(generator) \([generator])" == "Generator [Generator]")
      #expect(!dumped.contains { $0.isNumber })
    }
  }

  @Test("choice gives distinct members in range, permutation all of them")
  func choices() {
    var generator = testGenerator()
    for (k, n) in [(0, 0), (0, 5), (1, 1), (3, 7), (7, 7), (10, 1000)] {
      let chosen = generator.choice(k, of: n)
      #expect(chosen.count == k)
      #expect(Set(chosen).count == k)
      #expect(chosen.allSatisfy { (0..<n).contains($0) })
    }
    let permutation = generator.permutation(100)
    #expect(permutation.sorted() == Array(0..<100))
    #expect(permutation != Array(0..<100))
  }

  @Test("bernoulli is certain at 0 and 1")
  func certain() {
    var generator = testGenerator()
    for _ in 0..<100 {
      let never = generator.bernoulli(0)
      let always = generator.bernoulli(1)
      #expect(!never && always)
    }
  }

  @Test("normals fills the same numbers as fillNormal, any count, also none")
  func normalArrays() {
    for count in [0, 1, 2, 5, 1000] {
      var a = Generator(seed: 4)
      var b = Generator(seed: 4)
      let array = a.normals(count, standardDeviation: 2)
      var filled = [Float](repeating: 0, count: count)
      filled.withUnsafeMutableBufferPointer { b.fillNormal($0, standardDeviation: 2) }
      #expect(array == filled)
      #expect(array.count == count)
    }
  }
}
