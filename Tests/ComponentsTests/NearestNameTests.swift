import Components
import Testing

/// The judge is the definition of the restricted Damerau-Levenshtein distance, by recursion on the
/// last letters.
@Suite("Nearest name")
struct NearestNameTests {
  static func distance(_ a: Substring, _ b: Substring) -> Int {
    if a.isEmpty || b.isEmpty { return a.count + b.count }
    let (x, y) = (a.dropLast(), b.dropLast())
    var least = min(
      distance(x, b) + 1, distance(a, y) + 1, distance(x, y) + (a.last == b.last ? 0 : 1))
    if let p = x.last, let q = y.last, a.last == q, b.last == p {
      least = min(least, distance(x.dropLast(), y.dropLast()) + 1)
    }
    return least
  }

  static func nearest(_ word: String, _ candidates: [String]) -> String? {
    let ranked = candidates.map { (distance($0[...], word[...]), $0) }.sorted { $0 < $1 }
    guard let first = ranked.first, first.0 <= max(2, word.count / 3), first.0 < word.count
    else { return nil }
    return first.1
  }

  @Test("random short words find what the definition finds")
  func definition() {
    var state: UInt64 = 42
    func below(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    func word() -> String {
      String((0...below(5)).map { _ in ["a", "b", "c"][below(3)] }.joined())
    }
    var found = 0
    for _ in 0..<400 {
      let candidates = (0..<4).map { _ in word() }
      let typed = word()
      let answer = NearestName.find(typed, in: candidates)
      #expect(answer == Self.nearest(typed, candidates), "\(typed) among \(candidates)")
      if answer != nil { found += 1 }
    }
    #expect(found > 100 && found < 390)
  }

  @Test("typing mistakes are understood, strange words are not")
  func examples() {
    let known = ["krum", "median", "trimmed-mean"]
    #expect(NearestName.find("kurm", in: known) == "krum")
    #expect(NearestName.find("Median", in: known) == "median")
    #expect(NearestName.find("trimed_maen", in: known) == "trimmed-mean")
    #expect(NearestName.find("xyz", in: known) == nil)
    #expect(NearestName.find("k", in: known) == nil)
    #expect(NearestName.find("krum", in: []) == nil)
    #expect(NearestName.find("", in: known) == nil)
    #expect(
      NearestName.message(unknown: "defense", "medain", known: known)
        == "unknown defense 'medain'; did you mean 'median'? (known: krum, median, trimmed-mean)")
  }
}
