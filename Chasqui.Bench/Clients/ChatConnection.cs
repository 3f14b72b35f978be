using System.Net.WebSockets;
using System.Text;

namespace Chasqui.Bench.Clients;

/// <summary>One client: it has joined its room, says what it is told to, and tells what comes.</summary>
internal sealed class ChatConnection : IAsyncDisposable
{
    private const int LongestFrame = 512;

    private readonly ClientWebSocket _socket;
    private readonly Dialect _dialect;
    private readonly string _room;
    private readonly byte[] _frame = new byte[LongestFrame];
    private byte[] _received = new byte[1024];
    private long _number;

    // When the message was due whose echo is its answer; 0 while none is awaited. Nanoseconds tell a room's messages apart.
    private long _unanswered;
    private Task _receiving = Task.CompletedTask;

    private ChatConnection(ClientWebSocket socket, Dialect dialect, string room)
    {
        _socket = socket;
        _dialect = dialect;
        _room = room;
    }

    /// <summary>Called with the time at which a message was due, when it has come. Never twice at once.</summary>
    public Action<long> Delivered { get; set; } = static _ => { };

    /// <summary>Called when a request of this client was answered; never concurrently, and not concurrently with <see cref="Delivered"/>.</summary>
    public Func<ValueTask> Answered { get; set; } = static () => ValueTask.CompletedTask;

    /// <summary>Completes when the connection is gone; fails when the server refused something.</summary>
    public Task Receiving => _receiving;

    public static async Task<ChatConnection> OpenAsync(
        Seat seat, Dialect dialect, HttpMessageInvoker invoker, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        await socket.ConnectAsync(seat.Address, invoker, cancellationToken);
        var connection = new ChatConnection(socket, dialect, seat.Room);
        foreach (var frame in dialect.Opening(seat.Room))
        {
            await connection.SendAsync(frame);
            while (!await connection.ReceiveAsync())
            {
            }
        }

        return connection;
    }

    public void Start() => _receiving = Task.Run(async () =>
    {
        while (_socket.State == WebSocketState.Open)
        {
            await ReceiveAsync();
        }
    });

    /// <summary>Says something that was due at a time. One at a time.</summary>
    public ValueTask SayAsync(long due, bool wantsAnswer)
    {
        _unanswered = wantsAnswer ? due : 0;
        return SendAsync(_frame.AsMemory(0, _dialect.WriteMessage(_frame, _room, due, wantsAnswer ? ++_number : null)));
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _receiving.ContinueWith(static _ => { }, TaskScheduler.Default);
        _socket.Dispose();
    }

    private ValueTask SendAsync(ReadOnlyMemory<byte> frame) =>
        _socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    /// <returns>Whether there was an answer in what came.</returns>
    private async ValueTask<bool> ReceiveAsync()
    {
        var length = 0;
        while (true)
        {
            ValueWebSocketReceiveResult part;
            try
            {
                part = await _socket.ReceiveAsync(_received.AsMemory(length), CancellationToken.None);
            }
            catch (Exception e) when (_socket.State == WebSocketState.Aborted && e is WebSocketException or OperationCanceledException)
            {
                // By this side, when everything is over.
                return false;
            }

            if (part.MessageType == WebSocketMessageType.Close)
            {
                throw new InvalidOperationException($"The server closed: {_socket.CloseStatus} {_socket.CloseStatusDescription}");
            }

            length += part.Count;
            if (part.EndOfMessage)
            {
                break;
            }

            if (length == _received.Length)
            {
                Array.Resize(ref _received, 2 * length);
            }
        }

        var answers = Read(_received.AsSpan(0, length));
        for (var i = 0; i < answers; i++)
        {
            await Answered();
        }

        return answers > 0;
    }

    /// <returns>The answers in it.</returns>
    private int Read(ReadOnlySpan<byte> received)
    {
        var answers = 0;
        while (!received.IsEmpty)
        {
            switch (_dialect.Take(ref received, out var record))
            {
                case Received.Delivery:
                    Delivered(Text.Due(record));
                    break;
                case Received.Echo:
                    var due = Text.Due(record);
                    Delivered(due);
                    if (due == _unanswered)
                    {
                        _unanswered = 0;
                        answers++;
                    }

                    break;
                case Received.Answer:
                    answers++;
                    break;
                case Received.Refusal:
                    throw new InvalidOperationException($"The server refused: {Encoding.UTF8.GetString(record)}");
            }
        }

        return answers;
    }
}
