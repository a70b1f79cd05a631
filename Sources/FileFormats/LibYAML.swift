internal import CYAML

/// The one file that calls libyaml: text in, a stream of Swift events out.
///
/// libyaml reads YAML 1.1 and 1.2 syntax and says nothing about what a scalar means; that is the
/// schema's business (`CoreSchema`).
enum LibYAML {
  /// A place in the text, from 1.
  struct Place: Sendable, Equatable {
    var line: Int
    var column: Int

    fileprivate init(_ mark: yaml_mark_t) {
      (line, column) = (Int(mark.line) + 1, Int(mark.column) + 1)
    }

    init(line: Int, column: Int) { (self.line, self.column) = (line, column) }
  }

  /// A scalar as written.
  struct Scalar: Sendable {
    var text: String
    var tag: String?
    /// Whether it was written without quotes and is no block scalar.
    var isPlain: Bool
  }

  /// What comes next in the text.
  enum Event: Sendable {
    case streamStart
    case streamEnd
    case documentStart
    case documentEnd
    case alias(String)
    case scalar(Scalar, anchor: String?)
    case listStart(anchor: String?, tag: String?)
    case listEnd
    case mapStart(anchor: String?, tag: String?)
    case mapEnd
  }

  /// Why libyaml cannot go on, in its own words.
  struct Problem: Error, Sendable {
    /// What was being read: `while parsing a block mapping`.
    var context: String?
    /// Where that started.
    var contextPlace: Place?
    /// What is wrong.
    var problem: String
    /// Where; nil for a character that YAML does not allow.
    var place: Place?
    /// The byte offset of a character that YAML does not allow.
    var offset: Int
  }

  /// Pulls events from a text held in memory.
  final class Parser {
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// A parser of UTF-8 text; throws only when memory is short.
    init(_ utf8: [UInt8]) throws(Problem) {
      bytes = .allocate(capacity: max(utf8.count, 1))
      _ = bytes.initialize(from: utf8)
      parser = .allocate(capacity: 1)
      parser.initialize(to: yaml_parser_t())
      guard yaml_parser_initialize(parser) == 1 else {
        throw Problem(problem: "out of memory", offset: 0)
      }
      yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
      yaml_parser_set_input_string(parser, bytes.baseAddress, utf8.count)
    }

    deinit {
      yaml_parser_delete(parser)
      parser.deallocate()
      bytes.deallocate()
    }

    /// The next event and where it starts.
    func next() throws(Problem) -> (event: Event, place: Place) {
      var raw = yaml_event_t()
      guard yaml_parser_parse(parser, &raw) == 1 else { throw problem }
      defer { yaml_event_delete(&raw) }
      return (LibYAML.event(raw), Place(raw.start_mark))
    }

    private var problem: Problem {
      let state = parser.pointee
      guard state.error != YAML_MEMORY_ERROR, let text = state.problem else {
        return Problem(problem: "out of memory", offset: 0)
      }
      let isReader = state.error == YAML_READER_ERROR
      return Problem(
        context: state.context.map { String(cString: $0) },
        contextPlace: state.context == nil ? nil : Place(state.context_mark),
        problem: String(cString: text),
        place: isReader ? nil : Place(state.problem_mark),
        offset: Int(state.problem_offset))
    }
  }

  private static func event(_ raw: yaml_event_t) -> Event {
    switch raw.type {
    case YAML_STREAM_START_EVENT: return .streamStart
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_DOCUMENT_END_EVENT: return .documentEnd
    case YAML_ALIAS_EVENT: return .alias(text(raw.data.alias.anchor) ?? "")
    case YAML_SCALAR_EVENT:
      let scalar = raw.data.scalar
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      return .scalar(
        Scalar(
          text: String(decoding: bytes, as: UTF8.self), tag: text(scalar.tag),
          isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE),
        anchor: text(scalar.anchor))
    case YAML_SEQUENCE_START_EVENT:
      let list = raw.data.sequence_start
      return .listStart(anchor: text(list.anchor), tag: text(list.tag))
    case YAML_SEQUENCE_END_EVENT: return .listEnd
    case YAML_MAPPING_START_EVENT:
      let map = raw.data.mapping_start
      return .mapStart(anchor: text(map.anchor), tag: text(map.tag))
    case YAML_MAPPING_END_EVENT: return .mapEnd
    default: return .streamEnd
    }
  }

  private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    pointer.map { String(cString: $0) }
  }
}
