using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Chasqui.Tests.Checker;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Convergence;

/// <summary>
/// A member of one conversation, who changes what is in it and follows it over one transport. What is not answered is asked
/// for again, over another connection where this one is lost.
/// </summary>
internal sealed class Participant(Nodes nodes, Account account, Room room, int number, int seed) : IAsyncDisposable
{
    private const int Page = 200;

    /// <summary>Of the newest messages, some of which the others change at the same time.</summary>
    private const int Near = 12;

    private static readonly string[] Emojis = ["👍", "🎉", "❤️"];

    private readonly Random _random = new(seed);
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private ChatSocket? _socket;
    private int _requests;

    /// <summary>What is wrong with what came.</summary>
    public List<string> Differences { get; } = [];

    public Replica Replica { get; } = new();

    public int Sent { get; private set; }

    public int Reconnects { get; private set; }

    /// <summary>Over REST, the documented JSON protocol, or the hub.</summary>
    private bool IsRaw => number % 2 == 0;

    public async Task RunAsync(int operations, Action onDone, CancellationToken stop)
    {
        for (var done = 0; done < operations; done++)
        {
            var operation = Next();
            while (!await TryAsync(operation, stop))
            {
            }

            onDone();
        }
    }

    /// <summary>Follows until it has come as far as the conversation.</summary>
    public async Task CatchUpAsync(long lastSeq, CancellationToken stop)
    {
        while (Replica.Seq < lastSeq)
        {
            try
            {
                await ConnectAsync(stop);
                // Joining may have brought everything.
                if (Replica.Seq < lastSeq)
                {
                    Take(await _socket!.ReceiveAsync());
                }
            }
            catch (ConnectionLostException)
            {
                await DropAsync();
            }
        }
    }

    /// <summary>What a client holds that comes only now, from the log alone.</summary>
    public async Task<Replica> ReplayAsync(CancellationToken stop)
    {
        var replica = new Replica();
        while (await EventsAsync(replica.Seq, stop) is { Length: > 0 } events)
        {
            if (events.Any(next => !replica.Apply(next)))
            {
                Differences.Add($"A gap after {replica.Seq} in the log");
                break;
            }
        }

        return replica;
    }

    public async Task<List<Message>> HistoryAsync(CancellationToken stop)
    {
        var history = new List<Message>();
        while (await GetAsync<Message[]>($"messages?after={history.LastOrDefault()?.Seq ?? 0}&limit={Page}", stop) is { Length: > 0 } page)
        {
            history.AddRange(page);
        }

        return history;
    }

    public async ValueTask DisposeAsync()
    {
        await DropAsync();
        _http.Dispose();
    }

    private ClientFrame Next()
    {
        var conversation = new ConversationId(room.Conversation);
        var newest = Replica.Messages.Reverse().Take(Near).ToList();
        var target = newest.Count == 0 ? null : newest[_random.Next(newest.Count)];
        var own = newest.FindAll(message => message.SenderId == new UserId(Guid.Parse(account.Id["user:".Length..])) && message.DeletedAt is null);
        var emoji = Emojis[_random.Next(Emojis.Length)];
        return _random.Next(100) switch
        {
            < 20 when own.Count > 0 => new EditMessage { ConversationId = conversation, MessageId = own[_random.Next(own.Count)].Id, Content = Text() },
            < 28 when own.Count > 0 => new DeleteMessage { ConversationId = conversation, MessageId = own[_random.Next(own.Count)].Id },
            < 32 when target is not null && number == 0 => new DeleteMessage { ConversationId = conversation, MessageId = target.Id },
            < 52 when target is not null => new React { ConversationId = conversation, MessageId = target.Id, Emoji = emoji },
            < 66 when target is not null => new Unreact { ConversationId = conversation, MessageId = target.Id, Emoji = emoji },
            _ => new SendMessage
            {
                ConversationId = conversation,
                Content = Text(),
                ClientMessageId = string.Create(CultureInfo.InvariantCulture, $"{number}-{Sent++}"),
                ReplyTo = target is { DeletedAt: null } && _random.Next(4) == 0 ? target.Id : null,
            },
        };
    }

    private string Text() => string.Create(CultureInfo.InvariantCulture, $"{number}: {_random.Next():x}");

    /// <returns>Whether the operation has been answered for good.</returns>
    private async Task<bool> TryAsync(ClientFrame operation, CancellationToken stop)
    {
        try
        {
            await ConnectAsync(stop);
            return _random.Next(10) == 0 ? await CallAsync(operation, stop) : await AskAsync(operation, stop);
        }
        catch (Exception e) when (e is ConnectionLostException or HttpRequestException or IOException
            || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            await DropAsync();
            return false;
        }
    }

    private async Task<bool> AskAsync(ClientFrame operation, CancellationToken stop)
    {
        var id = NewRequestId();
        await _socket!.SendAsync(operation with { RequestId = id });
        if (_random.Next(300) == 0)
        {
            // Carried out or not: the answer is lost.
            await DropAsync();
            return false;
        }

        while (true)
        {
            switch (await _socket.ReceiveAsync())
            {
                case Ack ack when ack.RequestId == id:
                    return true;
                case Error error when error.RequestId == id:
                    return await IsFinalAsync(error.Code, error.RetryAfterMs, stop);
                case var other:
                    Take(other);
                    break;
            }
        }
    }

    private async Task<bool> CallAsync(ClientFrame operation, CancellationToken stop)
    {
        var (method, path, body) = operation switch
        {
            EditMessage edit => (HttpMethod.Patch, $"messages/{edit.MessageId}", (object?)new { content = edit.Content }),
            DeleteMessage delete => (HttpMethod.Delete, $"messages/{delete.MessageId}", null),
            React react => (HttpMethod.Put, $"messages/{react.MessageId}/reactions/{react.Emoji}", null),
            Unreact unreact => (HttpMethod.Delete, $"messages/{unreact.MessageId}/reactions/{unreact.Emoji}", null),
            _ when operation is SendMessage send => (HttpMethod.Post, "messages", new
            {
                content = send.Content,
                client_message_id = send.ClientMessageId,
                reply_to = send.ReplyTo?.ToString(),
            }),
            _ => throw new InvalidOperationException(operation.ToString()),
        };
        using var request = await RequestAsync(method, path, stop);
        request.Content = body is null ? null : JsonContent.Create(body);
        using var answer = await _http.SendAsync(request, stop);
        if (answer.StatusCode == HttpStatusCode.OK)
        {
            return true;
        }

        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(stop);
        return await IsFinalAsync(
            problem.GetProperty("code").GetString()!,
            problem.TryGetProperty("retry_after_ms", out var wait) ? wait.GetInt32() : null,
            stop);
    }

    private async Task<bool> IsFinalAsync(string code, int? retryAfterMs, CancellationToken stop)
    {
        if (code is ErrorCodes.MessageNotFound)
        {
            // Another member has deleted it meanwhile.
            return true;
        }

        if (code is not (ErrorCodes.StorageUnavailable or ErrorCodes.Overloaded or ErrorCodes.ServerStopping or ErrorCodes.InternalError))
        {
            Differences.Add($"Refused with {code}");
            return true;
        }

        // As long as the server asks for.
        await Task.Delay(retryAfterMs ?? 100, stop);
        return false;
    }

    private async Task ConnectAsync(CancellationToken stop)
    {
        while (_socket is null)
        {
            try
            {
                var server = await nodes.NextAsync(stop);
                _socket = IsRaw
                    ? await RawSocket.ConnectAsync(server, account.Token, hello: true, stop)
                    : await SignalRSocket.ConnectAsync(server, account.Token, stop);
                await JoinAsync(stop);
                Reconnects++;
            }
            catch (Exception e) when (e is ConnectionLostException or HttpRequestException or IOException
                || (e is OperationCanceledException && !stop.IsCancellationRequested))
            {
                await DropAsync();
            }
        }
    }

    private async Task JoinAsync(CancellationToken stop)
    {
        while (true)
        {
            var id = NewRequestId();
            await _socket!.SendAsync(new Join { ConversationId = new ConversationId(room.Conversation), After = Replica.Seq, RequestId = id });
            ServerEvent answer;
            while ((answer = await _socket.ReceiveAsync()) is not (Ack or Error) || Id(answer) != id)
            {
                if (answer is IConversationEvent early && early.Seq <= Replica.Seq + 1)
                {
                    Take(answer);
                }
            }

            if (answer is Ack { Replayed: true })
            {
                return;
            }

            if (answer is Error error && !await IsFinalAsync(error.Code, error.RetryAfterMs, stop))
            {
                continue;
            }

            // Too far behind.
            while (await EventsAsync(Replica.Seq, stop) is { Length: > 0 } events)
            {
                Array.ForEach(events, Take);
            }
        }

        static string? Id(ServerEvent answer) => (answer as Ack)?.RequestId ?? (answer as Error)?.RequestId;
    }

    private void Take(ServerEvent received)
    {
        if (received is IConversationEvent next)
        {
            Take(next);
        }
    }

    private void Take(IConversationEvent next)
    {
        if (!Replica.Apply(next))
        {
            Differences.Add($"{next.GetType().Name} {next.Seq} came after {Replica.Seq}");
        }
    }

    private async Task<IConversationEvent[]> EventsAsync(long after, CancellationToken stop) =>
        await GetAsync<IConversationEvent[]>($"events?after={after}&limit={Page}", stop);

    private async Task<T> GetAsync<T>(string path, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                using var request = await RequestAsync(HttpMethod.Get, path, stop);
                using var answer = await _http.SendAsync(request, stop);
                if (answer.IsSuccessStatusCode)
                {
                    return (await answer.Content.ReadFromJsonAsync<T>(ChatJson.Options, stop))!;
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException
                || (e is OperationCanceledException && !stop.IsCancellationRequested))
            {
                // The next server.
            }
        }
    }

    private async Task<HttpRequestMessage> RequestAsync(HttpMethod method, string path, CancellationToken stop) =>
        new(method, new Uri(await nodes.NextAsync(stop), $"/api/conversations/conv:{room.Conversation}/{path}"))
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", account.Token) },
        };

    private string NewRequestId() => string.Create(CultureInfo.InvariantCulture, $"q{++_requests}");

    private async Task DropAsync()
    {
        if (_socket is { } socket)
        {
            _socket = null;
            socket.Abort();
            await socket.DisposeAsync();
        }
    }
}
