// Reads an AEDAT 4 file in the way of dv-processing (io/reader.hpp and
// io/read_only_file.hpp): with the verifiers that flatc generates and the
// reference libraries of LZ4 and Zstandard. Prints what it holds and ends with
// 1 where DV would refuse the file.
//
//   flatc --cpp aedat4.fbs && g++ -std=c++17 check.cc -llz4 -lzstd -o check
//   check FILE
//   header COMPRESSION POSITION LENGTH
//   rows N                                     of the file table
//   stream NUMBER TYPE ELEMENTS FIRST LAST SUM
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <lz4frame.h>
#include <zstd.h>

#include "aedat4_generated.h"

using Bytes = std::vector<uint8_t>;

[[noreturn]] static void refuse(const std::string &why) {
  fprintf(stderr, "%s\n", why.c_str());
  exit(1);
}

static void demand(bool holds, const std::string &why) {
  if (!holds) refuse(why);
}

static Bytes unpackLZ4(const uint8_t *src, size_t size) {
  LZ4F_dctx *ctx = nullptr;
  demand(LZ4F_createDecompressionContext(&ctx, LZ4F_VERSION) == 0, "LZ4 context");
  Bytes out;
  size_t more = 1;
  while (size > 0 && more != 0) {
    const size_t had = out.size();
    size_t room = 65536, used = size;
    out.resize(had + room);
    more = LZ4F_decompress(ctx, out.data() + had, &room, src, &used, nullptr);
    demand(!LZ4F_isError(more), "LZ4 frame");
    out.resize(had + room);
    src += used;
    size -= used;
  }
  demand(more == 0 && size == 0, "LZ4 frame is not one whole");
  LZ4F_freeDecompressionContext(ctx);
  return out;
}

static Bytes unpackZstd(const uint8_t *src, size_t size) {
  const auto length = ZSTD_getFrameContentSize(src, size);
  demand(length != ZSTD_CONTENTSIZE_UNKNOWN && length != ZSTD_CONTENTSIZE_ERROR, "zstd frame does not state its content's size");
  Bytes out(length);
  const auto n = ZSTD_decompress(out.data(), out.size(), src, size);
  demand(!ZSTD_isError(n) && n == length, "zstd frame");
  return out;
}

static Bytes unpack(dv::Compression c, const uint8_t *src, size_t size) {
  switch (c) {
    case dv::Compression_LZ4: case dv::Compression_LZ4_HIGH: return unpackLZ4(src, size);
    case dv::Compression_ZSTD: case dv::Compression_ZSTD_HIGH: return unpackZstd(src, size);
    default: return Bytes(src, src + size);
  }
}

// What the file table has of a packet, and a sum over the elements of its
// stream so far.
struct Content { long long n = 0, first = -1, last = -1; uint64_t sum = 0; };

template <class T> static const T *verified(const Bytes &b, const char *id) {
  demand(flatbuffers::BufferHasIdentifier(b.data(), id, true), std::string("type is not ") + id);
  flatbuffers::Verifier v(b.data(), b.size(), 64, INT32_MAX);
  demand(v.VerifySizePrefixedBuffer<T>(id), std::string("the verifier refuses ") + id);
  return flatbuffers::GetSizePrefixedRoot<T>(b.data());
}

template <class V> static void count(Content &c, const V *elements) {
  if (elements == nullptr || elements->size() == 0) return;
  c.n = elements->size();
  c.first = elements->Get(0)->timestamp();
  c.last = elements->Get(elements->size() - 1)->timestamp();
}

static void mix(uint64_t &sum, uint64_t value) { sum = sum * 31 + value; }

static void mix(uint64_t &sum, float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  mix(sum, uint64_t(bits));
}

static Content read(const std::string &type, const Bytes &b, uint64_t sum) {
  Content c;
  const auto add = [&](auto... values) { (mix(sum, values), ...); };
  if (type == "EVTS") {
    const auto *events = verified<dv::EventPacket>(b, "EVTS")->elements();
    count(c, events);
    for (const auto *e : *events) add(uint64_t(e->timestamp()), uint64_t(e->x()), uint64_t(e->y()), uint64_t(e->polarity()));
  } else if (type == "FRME") {
    const auto *f = verified<dv::Frame>(b, "FRME");
    c.n = 1;
    c.first = c.last = f->timestamp();
    for (const int64_t v : {f->timestamp(), f->start_of_frame(), f->end_of_frame(), f->start_of_exposure(), f->end_of_exposure(),
                            int64_t(f->format()), int64_t(f->size_x()), int64_t(f->size_y()), int64_t(f->position_x()), int64_t(f->position_y())})
      add(uint64_t(v));
    if (f->pixels() != nullptr) for (const auto p : *f->pixels()) add(uint64_t(p));
  } else if (type == "IMUS") {
    const auto *samples = verified<dv::IMUPacket>(b, "IMUS")->elements();
    count(c, samples);
    for (const auto *s : *samples) {
      add(uint64_t(s->timestamp()), s->temperature(), s->accelerometer_x(), s->accelerometer_y(), s->accelerometer_z());
      add(s->gyroscope_x(), s->gyroscope_y(), s->gyroscope_z(), s->magnetometer_x(), s->magnetometer_y(), s->magnetometer_z());
    }
  } else if (type == "TRIG") {
    const auto *triggers = verified<dv::TriggerPacket>(b, "TRIG")->elements();
    count(c, triggers);
    for (const auto *t : *triggers) add(uint64_t(t->timestamp()), uint64_t(t->type()));
  } else {
    refuse("unknown type " + type);
  }
  c.sum = sum;
  return c;
}

// A stream: the type of its packets, and what they hold together.
struct Stream { std::string type; Content all; };

static void print(const std::map<int, Stream> &streams) {
  for (const auto &[id, s] : streams) {
    printf("stream %d %s %lld %lld %lld %llu\n", id, s.type.c_str(), s.all.n, s.all.first, s.all.last, static_cast<unsigned long long>(s.all.sum));
  }
}

int main(int argc, char **argv) {
  demand(argc == 2, "usage: check FILE");
  std::ifstream in(argv[1], std::ios::binary);
  const Bytes file((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const std::string magic = "#!AER-DAT4.0\r\n";
  demand(file.size() > magic.size() + 4 && memcmp(file.data(), magic.data(), magic.size()) == 0, "no AEDAT 4 version line");

  uint32_t length;
  memcpy(&length, file.data() + magic.size(), 4);
  size_t at = magic.size() + 4 + length;
  demand(at <= file.size(), "header is cut");
  // DV's own header is aligned with its length before it, so it is verified so.
  const Bytes head(file.begin() + magic.size(), file.begin() + at);
  const auto *header = verified<dv::IOHeader>(head, "IOHE");
  demand(header->compression() <= dv::Compression_MAX && header->info_node() != nullptr, "header");
  const auto position = header->data_table_position();
  printf("header %d %lld %u\n", header->compression(), static_cast<long long>(position), length);

  std::vector<std::pair<size_t, Content>> packets;
  std::vector<dv::PacketHeader> heads;
  std::map<int, Stream> streams;
  const size_t end = position < 0 ? file.size() : static_cast<size_t>(position);
  demand(end <= file.size(), "table lies behind the end");
  while (at < end) {
    demand(at + 8 <= end, "packet header is cut");
    dv::PacketHeader h;
    memcpy(&h, file.data() + at, 8);
    demand(h.size() >= 0 && at + 8 + h.size() <= end, "packet is cut");
    const Bytes content = unpack(header->compression(), file.data() + at + 8, h.size());
    demand(content.size() >= 12, "packet is too short");
    const std::string type(content.begin() + 8, content.begin() + 12);
    Stream &s = streams[h.stream_id()];
    demand(s.type.empty() || s.type == type, "stream of two types");
    const Content c = read(type, content, s.all.sum);
    s.type = type;
    s.all = {s.all.n + c.n, s.all.n > 0 ? s.all.first : c.first, c.last, c.sum};
    packets.emplace_back(at + 8, c);
    heads.push_back(h);
    at += 8 + h.size();
  }
  if (position < 0) {
    print(streams);
    return 0;
  }

  const Bytes content = unpack(header->compression(), file.data() + end, file.size() - end);
  const auto *rows = verified<dv::FileDataTable>(content, "FTAB")->table();
  const size_t n = rows == nullptr ? 0 : rows->size();
  demand(n == packets.size(), "the table has not a row for each packet");
  for (size_t i = 0; i < n; i++) {
    const auto *r = rows->Get(i);
    const auto &[offset, c] = packets[i];
    demand(r->packet_info() != nullptr, "row without packet");
    demand(static_cast<size_t>(r->byte_offset()) == offset && r->packet_info()->stream_id() == heads[i].stream_id() &&
               r->packet_info()->size() == heads[i].size() && r->num_elements() == c.n && r->timestamp_start() == c.first &&
               r->timestamp_end() == c.last,
           "row " + std::to_string(i) + " does not agree with its packet");
  }
  printf("rows %zu\n", n);
  print(streams);
}
