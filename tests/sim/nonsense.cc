#include "tests/sim/nonsense.h"

#include <functional>

#include "core/log/record.h"
#include "core/model/tables.h"

namespace orch::sim {
namespace {

class Nonsense {
 public:
  Nonsense(Dice& dice, const State& state) : dice_(dice), state_(state) {}

  std::string group() {
    const std::int64_t commands = dice_.below(4);
    for (std::int64_t i = 0; i < commands; ++i) add();
    return group_.finish({.actor = "nonsense"});
  }

 private:
  /// Mostly a number of one that exists, or one beyond.
  std::uint32_t number(std::size_t count) {
    if (dice_.one_in(10)) return static_cast<std::uint32_t>(dice_.next());
    return static_cast<std::uint32_t>(dice_.below(static_cast<std::int64_t>(count) + 2));
  }
  template <class T>
  std::vector<T> column(std::int64_t length, const std::function<std::uint64_t()>& one) {
    std::vector<T> made;
    for (std::int64_t i = 0; i < length; ++i) made.push_back(static_cast<T>(one()));
    return made;
  }
  /// A column of that length, or not quite, or none.
  template <class T>
  flatbuffers::Offset<flatbuffers::Vector<T>> vector(std::int64_t length, const std::function<std::uint64_t()>& one) {
    if (dice_.one_in(12)) return {};
    if (dice_.one_in(12)) length = dice_.below(length + 2);
    return group_.flat().CreateVector(column<T>(length, one));
  }
  std::uint32_t an_allocation() { return number(state_.allocations().size()); }

  void add() {
    auto& flat = group_.flat();
    switch (dice_.below(11)) {
      case 0:
      case 1:
        return report();
      case 2:
      case 3:
        return plan();
      case 4: {
        const std::uint32_t deployment = number(state_.deployments().size());
        const auto action = static_cast<std::uint8_t>(dice_.below(5));
        return group_.add(wire::CreateSetDeploymentStatus(flat, deployment, action));
      }
      case 5: {
        const auto id =
            flat.CreateString(dice_.one_in(2) && !state_.nodes().empty() ? state_.nodes()[0].node->id : "no such node");
        return group_.add(wire::CreateSetNodeStatus(flat, id, static_cast<std::uint8_t>(dice_.below(6))));
      }
      case 6: {
        const auto length = static_cast<std::size_t>(dice_.below(40));
        Job job;
        job.id.assign(length, static_cast<char>(dice_.below(256)));
        const bool enforce_index = dice_.one_in(2);
        return group_.register_job(job, enforce_index, dice_.next());
      }
      case 7:
        return group_.register_node("id", {.name = std::string(static_cast<std::size_t>(dice_.below(40)), 'x')});
      case 8:
        return group_.add(wire::CreateRaiseRules(flat, static_cast<std::uint16_t>(dice_.below(2))));
      case 9: {
        const auto healthy = vector<std::uint32_t>(dice_.below(3), [&] { return an_allocation(); });
        const auto unhealthy = vector<std::uint32_t>(dice_.below(3), [&] { return an_allocation(); });
        return group_.add(
            wire::CreateSetAllocationHealth(flat, number(state_.deployments().size()), healthy, unhealthy));
      }
      default:
        return group_.add(wire::CreateEvaluateJob(flat));
    }
  }

  void report() {
    auto& flat = group_.flat();
    const std::int64_t length = dice_.below(5);
    const auto allocations = vector<std::uint32_t>(length, [&] { return an_allocation(); });
    const auto statuses = vector<std::uint8_t>(length, [&] { return dice_.below(7); });
    const auto healths = vector<std::uint8_t>(length, [&] { return dice_.below(5); });
    group_.add(wire::CreateUpdateAllocations(flat, number(state_.nodes().size()), allocations, statuses, healths));
  }

  // For an evaluation that the same group creates: others never wait long enough for a stranger's plan.
  void plan() {
    auto& flat = group_.flat();
    std::uint32_t evaluation = number(state_.evaluations().size());
    std::uint32_t job = number(state_.jobs().size());
    std::uint32_t version = 0;
    std::size_t groups = 1, ports = 0;
    if (job < state_.jobs().size() && state_.find_job(state_.jobs()[job].id).value == job && !dice_.one_in(5)) {
      const JobState& known = state_.jobs()[job];
      const auto id = flat.CreateString(known.id);
      group_.add(wire::CreateEvaluateJob(flat, id));
      evaluation = static_cast<std::uint32_t>(state_.evaluations().size());
      version = known.newest().version;
      groups = known.job().task_groups.size();
      if (groups != 0) ports = known.newest().shapes[0].port_count();
    }
    std::vector<flatbuffers::Offset<wire::Placements>> placements;
    for (std::int64_t i = dice_.below(3); i > 0; --i) {
      const std::int64_t length = dice_.below(4);
      const auto nodes = vector<std::uint32_t>(length, [&] { return number(state_.nodes().size()); });
      const auto names = vector<std::uint32_t>(length, [&] { return dice_.below(10); });
      const auto scores = vector<std::uint16_t>(length, [&] { return dice_.next(); });
      const auto replaces = vector<std::uint32_t>(length, [&] { return an_allocation(); });
      const auto taken =
          vector<std::uint16_t>(length * static_cast<std::int64_t>(ports), [&] { return 20000 + dice_.below(50); });
      placements.push_back(wire::CreatePlacements(flat, static_cast<std::uint16_t>(number(groups)), nodes, names,
                                                  scores, replaces, taken));
    }
    const auto stopped = vector<std::uint32_t>(dice_.below(3), [&] { return an_allocation(); });
    const auto reason = static_cast<std::uint8_t>(dice_.below(7));
    const bool lost = dice_.one_in(2);
    const std::vector<flatbuffers::Offset<wire::Stops>> stops{wire::CreateStops(flat, reason, stopped, lost)};
    const std::vector<flatbuffers::Offset<wire::GroupMetrics>> metrics{
        wire::CreateGroupMetrics(flat, static_cast<std::uint16_t>(number(groups)), 1)};
    const auto all_placements = flat.CreateVector(placements);
    const auto all_stops = flat.CreateVector(stops);
    const auto all_metrics = flat.CreateVector(metrics);
    const auto in_place = vector<std::uint32_t>(dice_.below(3), [&] { return an_allocation(); });
    const auto queued = vector<std::uint32_t>(dice_.below(4), [&] { return dice_.below(3); });
    const bool last_chunk = !dice_.one_in(4);
    const bool create_deployment = dice_.one_in(3);
    group_.add(wire::CreateSubmitPlan(flat, evaluation, last_chunk, dice_.next(), 0, 1, job, version, create_deployment,
                                      all_placements, all_stops, in_place, all_metrics, 0, queued));
  }

  Dice& dice_;
  const State& state_;
  GroupBuilder group_;
};

}  // namespace

std::string nonsense(Dice& dice, const State& state) { return Nonsense(dice, state).group(); }

}  // namespace orch::sim
