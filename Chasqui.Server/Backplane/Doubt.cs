using Chasqui.Protocol;

namespace Chasqui.Server.Backplane;

/// <summary>What this server may have missed, and has to ask the database about.</summary>
internal sealed class Doubt : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _woken = new(0);
    private HashSet<ConversationId> _untold = [];
    private bool _everything;
    private bool _members;

    /// <summary>Messages of other servers may not have come.</summary>
    public void Everything()
    {
        lock (_gate)
        {
            _everything = true;
        }

        Wake();
    }

    /// <summary>Members of conversations have changed.</summary>
    public void Members()
    {
        lock (_gate)
        {
            _members = true;
        }

        Wake();
    }

    /// <summary>
    /// This server may have written to a conversation, and has told nobody: the database did not say whether it committed.
    /// </summary>
    public void Untold(ConversationId conversation)
    {
        lock (_gate)
        {
            _untold.Add(conversation);
        }

        Wake();
    }

    /// <returns>Whether there is something to ask about; <see langword="false"/> after a while in which there was not.</returns>
    public Task<bool> WaitAsync(TimeSpan most, CancellationToken cancellationToken) => _woken.WaitAsync(most, cancellationToken);

    /// <summary>Takes what there is to ask about.</summary>
    public Questions Take()
    {
        lock (_gate)
        {
            var taken = new Questions(_everything, _members, _untold);
            (_everything, _members, _untold) = (false, false, []);
            return taken;
        }
    }

    /// <summary>Takes back what could not be asked.</summary>
    public void GiveBack(Questions questions)
    {
        lock (_gate)
        {
            _everything |= questions.Everything;
            _members |= questions.Members;
            _untold.UnionWith(questions.Untold);
        }

        Wake();
    }

    public void Dispose() => _woken.Dispose();

    private void Wake()
    {
        lock (_gate)
        {
            if (_woken.CurrentCount == 0)
            {
                _woken.Release();
            }
        }
    }
}

/// <summary>What the database has to be asked about.</summary>
/// <param name="Everything">All conversations that somebody here has joined.</param>
/// <param name="Members">Who came and went.</param>
/// <param name="Untold">These conversations, of which the other servers have to be told.</param>
internal readonly record struct Questions(bool Everything, bool Members, IReadOnlySet<ConversationId> Untold);
