import Components
import Testing

@Suite("Parameters as a patch on defaults")
struct ParameterCodingTests {
  private func overlay(_ patch: ConfigurationNode) throws -> Sample.Parameters {
    try ParameterCoding.overlay(patch, on: Sample.defaults, owner: "part 'sample'")
  }

  private func issues(_ patch: ConfigurationNode) -> [String] {
    do {
      _ = try overlay(patch)
      return []
    } catch {
      return (error as? ConfigurationError)?.issues.map(\.description) ?? ["\(error)"]
    }
  }

  @Test("no patch and an empty patch are the defaults")
  func nothing() throws {
    #expect(try overlay(nil) == Sample.defaults)
    #expect(try overlay(map([:])) == Sample.defaults)
    let back = try overlay(try ParameterCoding.node(of: Sample.defaults))
    #expect(back == Sample.defaults)
  }

  @Test("a patch changes what it names and nothing else")
  func patch() throws {
    var expected = Sample.defaults
    expected.batchSize = 8
    expected.learningRate = 3
    expected.clip = 0.3
    expected.nesterov = true
    expected.mode = .exact
    expected.hidden = []
    expected.target = 2
    expected.limit = nil
    let patch = map([
      "batch-size": 8.0, "learning-rate": 3, "clip": 0.3, "nesterov": true, "mode": "exact",
      "hidden": [], "target": 2, "limit": nil,
    ])
    #expect(try overlay(patch) == expected)
  }

  @Test("infinity and NaN arrive as such")
  func notFinite() throws {
    #expect(
      try overlay(map(["learning-rate": .init(.number(.infinity))])).learningRate == .infinity)
    #expect(try overlay(map(["clip": .init(.number(-.infinity))])).clip == -.infinity)
    #expect(try overlay(map(["clip": .init(.number(.nan))])).clip.isNaN)
  }

  @Test("every mistake comes in one pass, each at its place, in the order of the file")
  func mistakes() {
    let patch = map([
      "batchsize": 3, "batch-size": "many", "learning-rate": true, "nesterov": "yes", "label": 1,
      "mode": "exakt", "hidden": [1, "x"], "target": 1.5, "clip": nil, "zzzzzz": 1,
      "schedule": 3,
    ])
    let expected = [
      "x:1:1: unknown parameter of part 'sample' 'batchsize'; did you mean 'batch-size'?",
      "x:2:10: part 'sample': batch-size: expected a whole number, got the text 'many'",
      "x:3:10: part 'sample': learning-rate: expected a number, got true",
      "x:4:10: part 'sample': nesterov: expected true or false, got the text 'yes'",
      "x:5:10: part 'sample': label: expected a word, got 1",
      "x:6:10: part 'sample': mode: unknown value 'exakt'; did you mean 'exact'?",
      "x:7:10: part 'sample': hidden: expected a whole number, got the text 'x'",
      "x:8:10: part 'sample': target: expected a whole number, got 1.5",
      "x:9:10: part 'sample': clip: expected a number, got nothing",
      "x:10:1: unknown parameter of part 'sample' 'zzzzzz'; known: base, batch-size, clip,",
      "x:11:10: part 'sample': schedule: expected a mapping, got 3",
    ]
    let got = issues(patch)
    #expect(got.count == expected.count)
    for (message, start) in zip(got, expected) { #expect(message.hasPrefix(start)) }
  }

  /// Of `parties` parties `threshold` act, and keys below 2048 bits are for the insecure.
  private struct Shared: Codable, Hashable {
    var parties = 5
    var threshold = 3
    var bits = 3072
    var insecure = false

    func validate() throws {
      var check = ParameterCheck()
      check(
        "threshold", 1...parties ~= threshold, "must be in 1...\(parties)", got: threshold)
      check("bits", insecure || bits >= 2048, "must be 2048 or more", got: bits)
      check("parties", parties >= 1, "must be 1 or more", got: parties)
      try check.finish()
    }
  }

  @Test("what one key allows another to be is no mistake, in any order, and still in one pass")
  func together() throws {
    func shared(_ patch: ConfigurationNode) throws -> Shared {
      try ParameterCoding.overlay(patch, on: Shared(), owner: "it") { try $0.validate() }
    }
    func issues(_ patch: ConfigurationNode) -> [String] {
      do {
        _ = try shared(patch)
        return []
      } catch { return (error as? ConfigurationError)?.issues.map(\.description) ?? ["\(error)"] }
    }
    var expected = Shared()
    (expected.parties, expected.threshold) = (10, 7)
    #expect(try shared(map(["parties": 10, "threshold": 7])) == expected)
    #expect(try shared(map(["threshold": 7, "parties": 10])) == expected)
    (expected.bits, expected.insecure) = (512, true)
    #expect(
      try shared(map(["bits": 512, "threshold": 7, "parties": 10, "insecure": true])) == expected)
    #expect(
      issues(map(["threshold": 12, "parties": 10, "bits": 5])) == [
        "x:1:10: it: threshold: must be in 1...10, got 12",
        "x:3:10: it: bits: must be 2048 or more, got 5",
      ])
    #expect(
      issues(map(["bits": 512, "insecure": 1])) == [
        "x:1:10: it: bits: must be 2048 or more, got 512",
        "x:2:10: it: insecure: expected true or false, got 1",
      ])
    // The one that was not written is told at the whole.
    #expect(issues(map(["parties": 2])) == ["it: threshold: must be in 1...2, got 3"])
  }

  @Test(
    "a patch that is no mapping is refused", arguments: [3, "f", [1], true] as [ConfigurationNode])
  func notAMapping(patch: ConfigurationNode) {
    #expect(issues(patch).count == 1)
    #expect(issues(patch).first?.contains("takes parameters as a mapping {key: value}") == true)
  }

  @Test("a component without parameters says so")
  func noParameters() {
    let error = #expect(throws: ConfigurationError.self) {
      try ParameterCoding.overlay(map(["f": 1]), on: NoParameters(), owner: "part 'other-one'")
    }
    #expect(error?.description == "x:1:1: part 'other-one' has no parameters, so 'f' cannot be set")
  }

  @Test("a nested mapping is a patch too")
  func nested() throws {
    let patch = map(["schedule": map(["decay": 0.9, "inner": map(["factor": 2])])])
    var expected = Sample.defaults
    expected.schedule.decay = 0.9
    expected.schedule.inner.factor = 2
    #expect(try overlay(patch) == expected)
  }

  @Test("mistakes inside a nested mapping name the way there")
  func nestedMistakes() {
    let inner = map(["factr": 2, "factor": "x"])
    let patch = map(["schedule": map(["warmup": 1, "warm-up": 1.5, "inner": inner])])
    let expected = [
      "x:1:1: unknown parameter in 'schedule' of part 'sample' 'warmup'; did you mean 'warm-up'?",
      "x:1:1: unknown parameter in 'schedule.inner' of part 'sample' 'factr'; did you mean 'factor'?",
      "x:2:10: part 'sample': schedule.inner.factor: expected a number, got the text 'x'",
      "x:2:10: part 'sample': schedule.warm-up: expected a whole number, got 1.5",
    ]
    let got = issues(patch)
    #expect(got.count == expected.count)
    for message in expected { #expect(got.contains { $0.hasPrefix(message) }, "\(message)") }
  }

  @Test("keys of free-form mappings stay as they are, and the mapping is replaced whole")
  func freeForm() throws {
    let weights = map(["camelCase": 2, "kebab-case": 3, "cifar-10": 4])
    #expect(
      try overlay(map(["weights": weights])).weights
        == ["camelCase": 2, "kebab-case": 3, "cifar-10": 4])
    let node = try ParameterCoding.node(of: Sample.defaults)
    #expect(node["weights"] == map(["aB": 1]))

    let base = map(["trimmed-mean": map(["f": 3]), "cifar-10": [map(["batch-size": 1])]])
    let parameters = try overlay(map(["base": base]))
    #expect(parameters.base == base)
    #expect(parameters.base["trimmed-mean"]?["f"]?.position == place(1, 10))
    #expect(try ParameterCoding.node(of: parameters)["base"] == base)
  }

  @Test("keys are written in kebab case")
  func keys() throws {
    #expect(ParameterCoding.kebabCase("batchSize") == "batch-size")
    #expect(ParameterCoding.kebabCase("f") == "f")
    #expect(ParameterCoding.kebabCase("l2Norm") == "l2-norm")
    let keys = try ParameterCoding.node(of: Sample.defaults).entries?.map(\.key) ?? []
    #expect(keys.contains("learning-rate"))
    #expect(keys == keys.sorted())
  }
}
