internal import CZip
internal import Glibc

/// The one file that calls libzip: archives in memory to members and back.
enum LibZip {
  /// One file of an archive, by its entry in the central directory.
  struct Member {
    var index: Int
    var name: String
    /// Bytes once unpacked, as claimed.
    var size: Int
    /// Bytes in the archive, as claimed.
    var packedSize: Int
  }

  /// Reads the archive that some bytes are.
  final class Reader {
    private let bytes: UnsafeMutableRawBufferPointer
    private let archive: OpaquePointer
    private let file: String

    /// Opens the archive.
    init(_ content: [UInt8], file: String) throws(TensorFileError) {
      let bytes = UnsafeMutableRawBufferPointer.allocate(
        byteCount: max(content.count, 1), alignment: 16)
      bytes.copyBytes(from: content)
      var error = zip_error_t()
      zip_error_init(&error)
      defer { zip_error_fini(&error) }
      guard
        let source = zip_source_buffer_create(
          bytes.baseAddress, zip_uint64_t(content.count), 0, &error),
        let archive = LibZip.open(source, flags: ZIP_RDONLY, error: &error)
      else {
        bytes.deallocate()
        throw TensorFileError(
          file: file, "this is no ZIP archive, or a damaged one (\(LibZip.text(&error)))",
          expected: "what numpy.savez writes")
      }
      (self.bytes, self.archive, self.file) = (bytes, archive, file)
    }

    deinit {
      zip_discard(archive)
      bytes.deallocate()
    }

    /// Number of members.
    var count: Int { max(Int(zip_get_num_entries(archive, 0)), 0) }

    /// The member at `index`, checked to be stored or deflated and not encrypted.
    func member(_ index: Int) throws(TensorFileError) -> Member {
      var status = zip_stat_t()
      zip_stat_init(&status)
      guard zip_stat_index(archive, zip_uint64_t(index), 0, &status) == 0, let name = status.name
      else { throw TensorFileError(file: file, "member \(index) cannot be read (\(problem))") }
      let place = TensorPlace(file: file, member: String(cString: name))
      let needed = zip_uint64_t(ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD)
      guard status.valid & needed == needed, let size = Int(exactly: status.size),
        let packedSize = Int(exactly: status.comp_size)
      else { throw place.error("the archive does not tell the member's size") }
      guard status.encryption_method == UInt16(ZIP_EM_NONE) else {
        throw place.error("the member is encrypted", expected: "a plain one")
      }
      guard [ZIP_CM_STORE, ZIP_CM_DEFLATE].contains(Int32(status.comp_method)) else {
        throw place.error(
          "the member is packed by method \(status.comp_method)",
          expected: "stored (0) or deflated (8) ones")
      }
      return Member(
        index: index, name: String(cString: name), size: size, packedSize: packedSize)
    }

    /// The bytes of a member, unpacked as they are read, checked against their CRC at the end.
    func open(_ member: Member, place: TensorPlace) throws(TensorFileError) -> MemberSource {
      guard let stream = zip_fopen_index(archive, zip_uint64_t(member.index), 0) else {
        throw place.error("the member cannot be read (\(problem))")
      }
      return MemberSource(stream, of: self, count: member.size, place: place)
    }

    private var problem: String { String(cString: zip_strerror(archive)) }
  }

  /// The bytes of one member.
  final class MemberSource: ByteSource {
    let count: Int
    private let stream: OpaquePointer
    private let reader: Reader
    private let place: TensorPlace
    private static let chunk = 1 << 20

    fileprivate init(_ stream: OpaquePointer, of reader: Reader, count: Int, place: TensorPlace) {
      (self.stream, self.reader, self.count, self.place) = (stream, reader, count, place)
    }

    deinit { zip_fclose(stream) }

    /// Memory grows with the bytes that really come.
    func read(_ count: Int) throws(TensorFileError) -> [UInt8] {
      var bytes: [UInt8] = []
      while bytes.count < count {
        let wanted = min(count - bytes.count, Self.chunk)
        var got = 0
        let piece = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, initialized in
          got = Int(zip_fread(stream, buffer.baseAddress, zip_uint64_t(wanted)))
          initialized = max(got, 0)
        }
        if got < 0 {
          let problem = String(cString: zip_file_strerror(stream))
          throw place.error("the member is damaged (\(problem))")
        }
        if got == 0 { break }
        if bytes.isEmpty { bytes = piece } else { bytes += piece }
      }
      return bytes
    }
  }

  /// An archive of stored members, the same bytes for the same members: dated 1980-01-01, as NumPy
  /// does.
  static func archive(
    _ members: [(name: String, bytes: [UInt8])], file: String
  ) throws(TensorFileError) -> [UInt8] {
    // libzip would remove an archive without members rather than write one.
    if members.isEmpty { return Array("PK\u{5}\u{6}".utf8) + [UInt8](repeating: 0, count: 18) }
    var error = zip_error_t()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    guard let source = zip_source_buffer_create(nil, 0, 0, &error) else {
      throw TensorFileError(file: file, "cannot be packed (\(text(&error)))")
    }
    zip_source_keep(source)
    defer { zip_source_free(source) }
    guard let archive = open(source, flags: ZIP_CREATE | ZIP_TRUNCATE, error: &error) else {
      throw TensorFileError(file: file, "cannot be packed (\(text(&error)))")
    }
    for member in members where !add(member.name, member.bytes, to: archive) {
      let problem = String(cString: zip_strerror(archive))
      zip_discard(archive)
      throw TensorFileError(file: file, member: member.name, "cannot be packed (\(problem))")
    }
    guard zip_close(archive) == 0 else {
      let problem = String(cString: zip_strerror(archive))
      zip_discard(archive)
      throw TensorFileError(file: file, "cannot be packed (\(problem))")
    }
    guard let bytes = content(of: source) else {
      throw TensorFileError(file: file, "cannot be packed (the archive does not come back)")
    }
    return bytes
  }

  private static func add(_ name: String, _ bytes: [UInt8], to archive: OpaquePointer) -> Bool {
    // libzip reads the copy when the archive is closed, and frees it.
    guard let copy = malloc(max(bytes.count, 1)) else { return false }
    UnsafeMutableRawBufferPointer(start: copy, count: bytes.count).copyBytes(from: bytes)
    guard let source = zip_source_buffer(archive, copy, zip_uint64_t(bytes.count), 1) else {
      free(copy)
      return false
    }
    let index = zip_file_add(archive, name, source, zip_flags_t(ZIP_FL_ENC_UTF_8))
    guard index >= 0 else {
      zip_source_free(source)
      return false
    }
    let position = zip_uint64_t(index)
    let firstOfJanuary1980: zip_uint16_t = 0 << 9 | 1 << 5 | 1
    return zip_set_file_compression(archive, position, ZIP_CM_STORE, 0) == 0
      && zip_file_set_dostime(archive, position, 0, firstOfJanuary1980, 0) == 0
  }

  /// What was written to a buffer.
  private static func content(of source: OpaquePointer) -> [UInt8]? {
    var status = zip_stat_t()
    zip_stat_init(&status)
    guard zip_source_stat(source, &status) == 0, zip_source_open(source) == 0 else { return nil }
    defer { zip_source_close(source) }
    let size = Int(status.size)
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
      while initialized < size {
        let start = buffer.baseAddress.map { $0 + initialized }
        let count = zip_source_read(source, start, zip_uint64_t(size - initialized))
        if count <= 0 { break }
        initialized += Int(count)
      }
    }
    return bytes.count == size ? bytes : nil
  }

  /// Opens an archive on a source, which it then owns; frees the source if that fails.
  private static func open(
    _ source: OpaquePointer, flags: Int32, error: inout zip_error_t
  ) -> OpaquePointer? {
    if let archive = zip_open_from_source(source, flags, &error) { return archive }
    zip_source_free(source)
    return nil
  }

  private static func text(_ error: inout zip_error_t) -> String {
    String(cString: zip_error_strerror(&error))
  }
}
