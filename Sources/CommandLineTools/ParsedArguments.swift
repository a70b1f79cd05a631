/// The values of a command line that passed every check, read by the declared names.
///
/// Reading a name that is not declared, or as a kind it is not declared to be, is a programmer
/// error and traps.
public struct ParsedArguments: Sendable {
  /// The words that called the command: `["rampart", "new", "defense"]`.
  public let command: [String]
  private let parameters: [Parameter]
  private let values: [String: [String]]

  init(command: [String], parameters: [Parameter], values: [String: [String]]) {
    self.command = command
    self.parameters = parameters
    self.values = values
  }

  /// Whether it was given, rather than left to its default.
  public func isGiven(_ name: String) -> Bool {
    check(name)
    return values[name] != nil
  }
  /// Whether the flag was given.
  public func flag(_ name: String) -> Bool { isGiven(name) }

  /// Every value given to `name`, or its default alone, in the order written.
  public func strings(_ name: String) -> [String] {
    let parameter = check(name)
    return values[name] ?? parameter.defaultValue.map { [$0] } ?? []
  }
  /// The value, its default, or nil.
  public func string(_ name: String) -> String? { strings(name).first }
  /// The positional argument, or nil when it was left out.
  public func positional(_ name: String) -> String? { string(name) }
  /// Every word given to a variadic positional argument.
  public func positionals(_ name: String) -> [String] { strings(name) }

  /// The whole number, declared with `.integer`.
  public func int(_ name: String) -> Int? { convert(string(name), name) { Int($0) } }
  /// The number, declared with `.number`.
  public func double(_ name: String) -> Double? { convert(string(name), name) { Double($0) } }
  /// The whole numbers of a comma-separated list, declared with `.integers`.
  public func ints(_ name: String) -> [Int]? {
    string(name).map { text in text.split(separator: ",").compactMap { Int($0) } }
  }
  /// The part of a whole, declared with `.part`.
  public func part(_ name: String) -> Part? { convert(string(name), name) { Part($0) } }
  /// The `key=value` pairs, declared with `.pair`, in the order written.
  public func pairs(_ name: String) -> [(key: String, value: String)] {
    strings(name).compactMap { text in
      let parts = text.split(separator: "=", maxSplits: 1)
      return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
    }
  }

  private func convert<Value>(
    _ text: String?, _ name: String, _ read: (String) -> Value?
  ) -> Value? {
    guard let text else { return nil }
    let value = read(text)
    precondition(value != nil, "'\(name)' was not declared to be read as \(Value.self)")
    return value
  }

  @discardableResult
  private func check(_ name: String) -> Parameter {
    let parameter = parameters.first { $0.name == name }
    guard let parameter else {
      preconditionFailure("'\(name)' is not a parameter of '\(command.joined(separator: " "))'")
    }
    return parameter
  }
}
