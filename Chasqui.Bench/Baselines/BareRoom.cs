using System.Collections.Immutable;
using System.Text.Json;

namespace Chasqui.Bench.Baselines;

internal sealed class BareRoom
{
    private readonly Lock _gate = new();
    private ImmutableArray<BareMember> _members = [];
    private long _seq;

    public void Join(BareMember member) => ImmutableInterlocked.Update(ref _members, members => members.Add(member));

    public void Leave(BareMember member) => ImmutableInterlocked.Update(ref _members, members => members.Remove(member));

    public void Say(string sender, BareFrame frame)
    {
        // One order for all members.
        lock (_gate)
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(
                new BareEvent("NewMessage", new BareMessage(
                    "msg:" + Guid.CreateVersion7(), frame.ConversationId, sender, frame.Content, "text", DateTimeOffset.UtcNow, ++_seq)),
                BareJson.Default.BareEvent);
            foreach (var member in _members)
            {
                member.Send(bytes);
            }
        }
    }
}
