import Components
import Testing

@Suite("Catalogue")
struct CatalogueTests {
  let catalogue = Catalogue([.init(.part, [Sample.self, Other.self])])

  private func component(_ node: ConfigurationNode) throws -> ConfiguredComponent {
    try catalogue.component(node, role: .part)
  }

  private func issues(_ node: ConfigurationNode) -> [String] {
    do {
      _ = try component(node)
      return []
    } catch {
      return (error as? ConfigurationError)?.issues.map(\.description) ?? ["\(error)"]
    }
  }

  @Test("a bare name stands for the defaults, and labels show what differs from them")
  func labels() throws {
    #expect(try component("sample").label == "sample")
    #expect(try component(map(["sample": nil])).label == "sample")
    #expect(try component(map(["sample": map(["batch-size": 32])])).label == "sample")
    let changed = try component(
      map(["sample": map(["mode": "exact", "batch-size": 8.0, "hidden": [1, 2], "limit": nil])]))
    #expect(changed.label == "sample(batch-size=8, hidden=[1,2], limit=null, mode=exact)")
    #expect(try component("other-one").label == "other-one")
    // Long values are told apart by 16 bits of FNV-1a (here from another implementation).
    for (first, mark) in [(1, "5a8a"), (2, "af83")] {
      let long = ConfigurationNode(
        .list((first..<(first + 40)).map { ConfigurationNode(.integer($0)) }))
      let label = try component(map(["sample": map(["hidden": long])])).label
      #expect(label == "sample(hidden=40 items #\(mark))")
    }
  }

  @Test("the identity names revision and every parameter, however they were written")
  func identity() throws {
    let bare = try component("sample").identity
    #expect(bare["revision"] == 4)
    #expect(bare["name"] == "sample")
    #expect(bare["parameters"]?["learning-rate"] == 0.1)
    #expect(bare == (try component(map(["sample": map(["learning-rate": 0.1])])).identity))
    #expect(bare != (try component(map(["sample": map(["learning-rate": 0.2])])).identity))
    #expect(bare != (try component(map(["sample": map(["limit": nil])])).identity))
    let direct = try ConfiguredComponent(Sample(Sample.defaults), role: .part)
    #expect(direct.identity == bare)
  }

  @Test("names that do not exist are refused where they stand, with the nearest that does")
  func unknownNames() {
    #expect(
      issues(ConfigurationNode(.text("smaple"), at: place(3, 5)))
        == ["x:3:5: unknown part 'smaple'; did you mean 'sample'? (known: other-one, sample)"])
    #expect(issues(map(["zzz": nil])) == ["x:1:1: unknown part 'zzz'; known: other-one, sample"])
  }

  @Test(
    "what is no component is refused",
    arguments: [3, [], nil, true, map(["sample": nil, "other-one": nil])] as [ConfigurationNode])
  func notAComponent(node: ConfigurationNode) {
    #expect(issues(node).count == 1)
    #expect(issues(node).first?.contains("part: expected a name such as 'sample'") == true)
  }

  @Test("values out of range are refused where they stand, all of them")
  func outOfRange() {
    #expect(
      issues(map(["sample": map(["clip": -1, "batch-size": 0])])) == [
        "x:1:10: part 'sample': clip: must be greater than 0, got -1.0",
        "x:2:10: part 'sample': batch-size: must be at least 1, got 0",
      ])
  }

  @Test("lists and lookups follow the declaration")
  func lookups() {
    #expect(catalogue.types(.part).map { $0.card.name } == ["sample", "other-one"])
    #expect(catalogue.type(named: "sample", role: .part) != nil)
    #expect(catalogue.types(Role(rawValue: "none")).isEmpty)
    #expect(Role(rawValue: "defense").plural == "defenses")
    #expect(Role(rawValue: "data").plural == "data")
    #expect(Role(rawValue: "strategy").plural == "strategies")
  }

  @Test("two components of one name are a programming error")
  func duplicateNames() async {
    await #expect(processExitsWith: .failure) {
      _ = Catalogue([.init(.part, [Sample.self, Sample.self])])
    }
  }
}
